/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "entry/hint.h"

#include "entry/escape.h"

#include <linux/capability.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *compose(char *text, size_t size, ...)
{
	char *at = text;
	va_list parts;

	va_start(parts, size);
	for (const char *part = va_arg(parts, const char *); part; part = va_arg(parts, const char *))
		if (!write_escaped(&at, text + size - 1, part))
			break;
	va_end(parts);
	*at = '\0';
	return text;
}

bool has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, data) == 0 && data[capability / 32].effective & (1U << capability % 32);
}

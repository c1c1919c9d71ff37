/* SPDX-License-Identifier: MIT */
/* compile NAME=FILE.js...: compiles chunks to bytecode and prints them as C arrays. Runs at build time only. */
#include "quickjs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		return NULL;
	rewind(file);
	text = calloc((size_t)size + 1, 1);
	*length = (size_t)size;
	if (text && fread(text, 1, (size_t)size, file) != (size_t)size)
		return NULL;
	(void)fclose(file);
	return text;
}

static int compile(JSContext *context, int number, const char *name, const char *path)
{
	size_t length = 0, size = 0;
	const char *text = read_file(path, &length);
	JSValue function;
	const unsigned char *bytecode;

	if (!text) {
		perror(path);
		return 1;
	}
	/* The name goes into the bytecode: it must not tell where it was built. */
	function = JS_Eval(context, text, length, name,
			   JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY | JS_EVAL_FLAG_STRIP);
	if (JS_IsException(function)) {
		(void)fprintf(stderr, "%s: %s\n", path, JS_ToCString(context, JS_GetException(context)));
		return 1;
	}
	bytecode = JS_WriteObject(context, &size, function, JS_WRITE_OBJ_BYTECODE);
	if (!bytecode)
		return 1;
	(void)printf("static const unsigned char chunk_%d[] = {", number);
	for (size_t i = 0; i < size; i++)
		(void)printf("%s%u,", i % 24 ? "" : "\n\t", bytecode[i]);
	(void)printf("\n};\n\n");
	return 0;
}

int main(int argc, char **argv)
{
	JSContext *context = JS_NewContext(JS_NewRuntime());

	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals)
			return 2;
		*equals = '\0';
		if (compile(context, i, argv[i], equals + 1))
			return 1;
	}
	(void)printf("static const struct chunk {\n\tconst char *name;\n\tconst unsigned char *bytecode;\n"
		     "\tsize_t length;\n} chunks[] = {\n");
	for (int i = 1; i < argc; i++)
		(void)printf("\t{ \"%s\", chunk_%d, sizeof(chunk_%d) },\n", argv[i], i, i);
	(void)printf("};\n");
	return 0;
}

/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_PRIVILEGED_H
#define TSENTER_PRIVILEGED_H

/* Ends the process where its file gave it rights that its caller does not have. */
void refuse_privileged_file(const char *called_as);

#endif

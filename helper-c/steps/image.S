/* SPDX-License-Identifier: MIT */
/* The Makefiles make the file, and say where to find it. */
	.section .rodata.image, "a"
	.balign 16
	.global image, image_end
	.hidden image, image_end
image:
	.incbin "tsenter-image"
image_end:
	.section .note.GNU-stack, "", %progbits

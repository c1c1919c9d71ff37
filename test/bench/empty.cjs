// What any Node program costs before its first line.

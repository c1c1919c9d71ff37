/**
 * As they were when the library was loaded. Tests of its users put others in their place, which do nothing by themselves: what waits for the end of a
 * process is not to wait for those. A time that a user has given is the global timer's.
 */
export const immediately = setImmediate;
export const later = setTimeout;

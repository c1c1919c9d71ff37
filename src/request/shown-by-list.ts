/** What is said of the value of --target where nothing better is known. */
export const SHOWN_BY_LIST =
  "The word behind --target is its value: a process id, or a name that 'tsenter --list' shows.";

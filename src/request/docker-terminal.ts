/** docker's, as two options of nsenter's: -i has the value `t`, or -t the value `i`. */
export const TERMINAL_OF_DOCKER =
  "docker's -it can be left out: the program has the input and the terminal of the caller, and with --pty a terminal of its own.";

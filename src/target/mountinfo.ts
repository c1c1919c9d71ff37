/** The kernel writes space, tab, newline and backslash in a mountinfo file as three octal digits (proc_pid_mountinfo(5)). */
export function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

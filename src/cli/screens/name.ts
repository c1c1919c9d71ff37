import type { Host } from '../../plan/host.ts';
import { escapeControls } from '../../sys/escape.ts';

/** Called by one of these, tsenter stands in the place of util-linux's program, whose messages callers know by heart. */
export const NSENTER_NAMES = ['nsenter', 'nsenter.static'] as const;

/** As long as the name of a file may be (NAME_MAX). */
const LONGEST = 255;

/** How tsenter calls itself: by the last part of argv[0], unless that is nothing to show. helper-c/entry/name.c does the same. */
export function nameOf(host: Host): string {
  const called = host.calledAs();
  const name = called.slice(called.lastIndexOf('/') + 1);
  return name !== '' && isShowable(name) ? name : 'tsenter';
}

export function isNsenter(host: Host): boolean {
  const name = nameOf(host);
  return NSENTER_NAMES.some((nsenter) => nsenter === name);
}

/** getopt_long(3) begins its messages with argv[0], directories and all. */
export function nameForGetopt(host: Host): string {
  const called = host.calledAs();
  return isShowable(called) ? called : nameOf(host);
}

function isShowable(text: string): boolean {
  return text.length <= LONGEST && escapeControls(text) === text;
}

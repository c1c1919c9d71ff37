/** capabilities(7), by their numbers. */
export const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** The five sets of capabilities(7), by the numbers in them. */
export interface CapabilitySets {
  bounding: readonly number[];
  permitted: readonly number[];
  effective: readonly number[];
  inheritable: readonly number[];
  ambient: readonly number[];
}

export const CAP_DAC_OVERRIDE = 1;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;

export function capabilityName(number: number): string {
  return `CAP_${CAPABILITIES[number] ?? number}`;
}

/** All that there are: who enters a user namespace has them there. */
export const ALL_CAPABILITIES: readonly number[] = CAPABILITIES.map((_, number) => number);

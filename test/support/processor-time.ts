/** Of this process, in milliseconds, what something takes: unlike the clock's it does not grow with what else the machine does. */
export function processorTime(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

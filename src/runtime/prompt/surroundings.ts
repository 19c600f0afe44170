/** What `add_date` says, in UTC. */
export function dateLine(now: Date): string {
  return `Today's date: ${now.toISOString().slice(0, 10)}`;
}

/** What `add_environment_info` says. */
export function environmentLines(working_dir: string, platform: string): string[] {
  return [`Working directory: ${working_dir}`, `Operating system: ${platform}`];
}

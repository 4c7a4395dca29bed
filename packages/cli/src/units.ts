/** Durations, sizes and counts as people say them. */

/** `now`, `40 s`, `2 min`, `3 h`, `5 days` */
export const durationText = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
};

/** `0.3 MB`, `92 MB` */
export const sizeText = (bytes: number): string => {
  const megabytes = bytes / 1_000_000;
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`;
};

/** `1 vat`, `3 vats` */
export const countText = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The path with the user's own directory as `~`. */
export const homeText = (path: string, userHome: string | undefined): string =>
  userHome !== undefined &&
  userHome !== '' &&
  (path === userHome || path.startsWith(`${userHome}/`))
    ? `~${path.slice(userHome.length)}`
    : path;

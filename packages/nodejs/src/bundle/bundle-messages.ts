/** The lines between the daemon and its bundler: one request, one answer. */
export type BundleRequest = Readonly<{ id: number; path: string }>;

/** The text of the bundle, or why there is none, in words for its author. */
export type BundleAnswer = Readonly<
  { id: number } & ({ text: string } | { problem: string })
>;

/** What a process that looks at images of a disk is told, and what it tells. */
export type ImageOrder = Readonly<{
  number: number;
  /** Has the files of a home. */
  folder: string;
  /** Memos of transfers that must be there. */
  answered: readonly string[];
}>;

export type ImageReport = Readonly<{
  number: number;
  problems: readonly string[];
}>;

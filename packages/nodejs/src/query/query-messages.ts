/** What the daemon and the process for queries say to each other, a line each. */
import type { QueryRow } from '@ocap/kernel';

export type QueryRequest = Readonly<{ sql: string }>;

export type QueryAnswer =
  Readonly<{ rows: readonly QueryRow[] }> | Readonly<{ refused: string }>;

/** First that it is ready; then an answer for each request, in their order. */
export type FromQueryProcess = Readonly<{ ready: true }> | QueryAnswer;

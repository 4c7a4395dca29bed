/** What a relay has done since it started; gauges are added by start-relay.ts. */
export type RelayMetrics = Readonly<{
  /** Open now. */
  connections: number;
  /** Held now, by peers that are connected. */
  reservations: number;
  /** Open now. */
  circuits: number;
  totals: Readonly<{
    connections: number;
    /** Given or renewed. */
    reservations: number;
    circuits: number;
    /** Through circuits, both directions. */
    relayedBytes: number;
    /** Circuits that ended at their limit of bytes or of time. */
    cutByBytes: number;
    cutByTime: number;
  }>;
  /** What was asked for and not given. */
  refused: Readonly<{
    /** Too many, too many of one address, too fast, or no handshake. */
    connections: number;
    reservations: number;
    /** Also because nobody of that name is here, or does not answer. */
    circuits: number;
    /** Requests that nobody can understand. */
    malformed: number;
  }>;
}>;

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

export type RelayCounts = Readonly<{
  totals: Mutable<RelayMetrics['totals']>;
  refused: Mutable<RelayMetrics['refused']>;
  openCircuits: number;
}> & { openCircuits: number };

export const makeRelayCounts = (): RelayCounts => ({
  openCircuits: 0,
  totals: {
    connections: 0,
    reservations: 0,
    circuits: 0,
    relayedBytes: 0,
    cutByBytes: 0,
    cutByTime: 0,
  },
  refused: { connections: 0, reservations: 0, circuits: 0, malformed: 0 },
});

/**
 * The clients: each has a connection that keeps the order of what it says, and
 * that it loses when the daemon dies or at any other time. A client repeats
 * everything that was not answered, under the same request ids and in the same
 * order, until it is.
 */
import type { Kernel } from '@ocap/kernel';
import { OcapError, RejectedError, type CapData } from '@ocap/kernel-utils';
import type { Random } from '../support/random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Call } from './workload.ts';

export type Answer = Readonly<{
  requestId: string;
  outcome: 'fulfilled' | 'rejected' | 'refused';
  data: CapData;
}>;

export type SimClients = Readonly<{
  /** One of the clients makes a call. */
  issue(call: (client: string, number: number) => Call): void;
  /** Every connection is gone. */
  disconnectAll(): void;
  disconnectOne(): string;
  /** Those who lost their connection and can get one have it again. */
  connectAll(): void;
  /** Calls that nobody has answered. */
  waiting(): readonly string[];
  answered: ReadonlyMap<string, Answer>;
}>;

type Client = {
  readonly name: string;
  readonly open: Map<string, Call>;
  connection: number | undefined;
  issued: number;
};

/** What says nothing about the call: it is to be made again. */
const notAnAnswer = new Set(['INTERRUPTED', 'SHUTTING_DOWN', 'STORAGE_FULL']);

export const makeSimClients = ({
  random,
  scheduler,
  names,
  kernel,
  onReleased,
  report,
  note,
}: Readonly<{
  random: Random;
  scheduler: Scheduler;
  names: readonly string[];
  /** The daemon that listens, if there is one. */
  kernel: () => Kernel | undefined;
  /** The kernel has let an answer out. */
  onReleased: (answer: Answer) => void;
  report: (problem: string) => void;
  note: (text: string, detail?: string) => void;
}>): SimClients => {
  const answered = new Map<string, Answer>();
  const clients = names.map((name): Client => ({
    name,
    open: new Map(),
    connection: undefined,
    issued: 0,
  }));
  let connections = 0;

  /** A lane of one connection; what belongs to another is lost with it. */
  const owner = (connection: number): string => `connection${connection}`;

  const toOutcome = (
    error: unknown,
  ): Pick<Answer, 'outcome' | 'data'> | undefined => {
    if (error instanceof RejectedError) {
      const outcome = error.code === 'CALL_REJECTED' ? 'rejected' : 'refused';
      return { outcome, data: error.capdata };
    }
    if (!(error instanceof OcapError && notAnAnswer.has(error.code))) {
      report(`a call was refused: ${String(error)}`);
    }
    return undefined;
  };

  const ask = async (
    client: Client,
    requestId: string,
    { target, method, args }: Call,
  ): Promise<void> => {
    const { connection } = client;
    const settled = await kernel()
      ?.queueMessage(target, method, args, { requestId })
      .then(
        (data) => ({ outcome: 'fulfilled', data }) as const,
        (error: unknown) => toOutcome(error),
      );
    if (settled === undefined) {
      // Told that there will be no answer; it turns to the next daemon.
      if (client.connection === connection && connection !== undefined) {
        disconnect(client);
      }
      return;
    }
    const answer = { requestId, ...settled };
    onReleased(answer);
    if (client.connection !== connection || connection === undefined) {
      return;
    }
    scheduler.push(
      `${owner(connection)}/down`,
      `kernel → ${client.name} ${answer.outcome}`,
      () => receive(client, answer),
    );
  };

  const receive = (client: Client, answer: Answer): void => {
    note(`${client.name} has ${answer.requestId}`, answer.data.body);
    client.open.delete(answer.requestId);
    const before = answered.get(answer.requestId);
    if (before !== undefined && before.data.body !== answer.data.body) {
      report(`${answer.requestId} was answered in two ways`);
    }
    answered.set(answer.requestId, answer);
  };

  const say = (client: Client, requestId: string, call: Call): void => {
    if (client.connection !== undefined) {
      scheduler.push(
        `${owner(client.connection)}/up`,
        `${client.name} → kernel ${requestId} ${call.method}`,
        () => {
          ask(client, requestId, call).catch((error: unknown) =>
            report(`a client failed: ${String(error)}`),
          );
        },
      );
    }
  };

  const disconnect = (client: Client): void => {
    if (client.connection !== undefined) {
      scheduler.forget(owner(client.connection));
      client.connection = undefined;
    }
  };

  return {
    issue: (make) => {
      const client = random.pick(clients);
      client.issued += 1;
      const requestId = `${client.name}-${client.issued}`;
      const call = make(client.name, client.issued);
      client.open.set(requestId, call);
      note(`${client.name} wants ${requestId}`, JSON.stringify(call));
      say(client, requestId, call);
    },
    disconnectAll: () => clients.forEach(disconnect),
    disconnectOne: () => {
      const client = random.pick(clients);
      disconnect(client);
      return client.name;
    },
    connectAll: () => {
      for (const client of clients) {
        if (client.connection === undefined) {
          connections += 1;
          client.connection = connections;
          client.open.forEach((call, id) => say(client, id, call));
        }
      }
    },
    waiting: () => clients.flatMap(({ open }) => [...open.keys()]),
    answered,
  };
};

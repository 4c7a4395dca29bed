/**
 * From a line of the socket to the line of its answer. Ends with the text, and
 * knows nothing of sockets.
 *
 * Measured under lockdown, one small queueMessage at a time, over a kernel that
 * answers at once: 5 µs, of which the engine takes 3 and the schema 2. getStatus
 * of one vat takes 7 µs, of fifty 80 µs.
 */
import type { JsonRpcId } from '@metamask/utils';
import {
  fail,
  limitValues,
  reportLimits,
  type LimitReport,
  type LimitValues,
  type Metric,
  type Logger,
} from '@ocap/kernel-utils';
import packageJson from '../../package.json' with { type: 'json' };
import type { Kernel } from '../kernel-api.ts';
import { makeDispatch, type Dispatch } from './dispatch.ts';
import { makeFacetOf } from './facets/index.ts';
import { makeNoFacet } from './facets/none.ts';
import { makeOwnerFacet } from './facets/owner.ts';
import type { RpcPowers } from './method.ts';
import type { LogSource } from './log-source.ts';
import { makeOpenRpcDocument, type DescribedMethod } from './open-rpc.ts';
import { rpcMethods } from './methods/index.ts';
import { makeRequestCounts, type RequestCounts } from './request-counts.ts';
import {
  idOf,
  insistRequest,
  parseJson,
  type RequestBounds,
  type RpcRequest,
} from './request.ts';
import { encodeFailure, toRpcError } from './rpc-error.ts';
import { makeSession } from './session.ts';
import { makeSubscriptions, noSubscriptions } from './subscriptions.ts';

export type Rpc = Readonly<{
  /**
   * The answer to one line, without a newline; `undefined` if there is none to
   * give (a notification, an empty line). Never rejects. For a transport that
   * carries answers only, and that only the owner can use: who subscribes or
   * authorizes on it is told that it cannot.
   */
  handleLine(line: string): Promise<string | undefined>;
  /** For a transport on which the daemon may speak unasked. */
  connect(
    send: (line: string) => void,
    options: Readonly<{
      /** What whoever connects can do before `authorize`: everything, or only that. */
      facet: 'owner' | 'none';
    }>,
  ): RpcSession;
  /**
   * From now on all that is asked is refused with SHUTTING_DOWN, but for `ping`
   * and `shutdown`. What was asked before is still answered.
   */
  stop(): void;
}>;

/** One connection. Whatever it has to say, answers and events, goes to `send`. */
export type RpcSession = Readonly<{
  /** Resolves when the answer has been sent, or there is none. Never rejects. */
  handleLine(line: string): Promise<void>;
  /** Whether something is lost with it: its subscriptions, or what it was authorized to. */
  isKept(): boolean;
  /** Ends its subscriptions; answers that are still to come are sent. */
  close(): void;
}>;

type RpcOptions = Readonly<{
  /** Begins to shut down and returns at once; the answer is still to be written. */
  shutdown(): void;
  setLogLevel: RpcPowers['setLogLevel'];
  /** Runs the SQL of clients; by default the kernel, which stands still meanwhile. */
  executeDBQuery?: RpcPowers['executeDBQuery'] | undefined;
  /** By default the usual ones. */
  limits?: LimitValues;
  /** Of what is around the kernel. */
  moreMetrics?: (() => readonly Metric[]) | undefined;
  /** Where the topic `log` has its lines from; without it there is no such topic. */
  logs?: LogSource | undefined;
  logger: Logger;
}>;

type Reply = Readonly<{ text: string; sent?: () => void }>;

export const makeRpcEngine = (
  kernel: Kernel,
  {
    shutdown,
    setLogLevel,
    executeDBQuery = kernel.executeDBQuery,
    limits = limitValues(),
    moreMetrics = () => [],
    logs,
    logger,
  }: RpcOptions,
): Rpc => {
  // Each made once, when somebody asks: it takes longer than a hundred other answers.
  const documents = new Map<readonly DescribedMethod[], object>();
  const documentOf = (methods: readonly DescribedMethod[]): object => {
    const document =
      documents.get(methods) ??
      makeOpenRpcDocument(methods, packageJson.version);
    documents.set(methods, document);
    return document;
  };
  const getLimits = (): readonly LimitReport[] => reportLimits(limits);
  const requests = makeRequestCounts();
  const getMetrics = (): readonly Metric[] => [
    ...kernel.getMetrics(),
    ...requests.metrics(),
    ...moreMetrics(),
  ];
  const own = {
    executeDBQuery,
    shutdown,
    setLogLevel,
    getLimits,
    getMetrics,
  };
  const owner = { ...kernel, ...own };
  let stopping = false;
  const insistTaking = (method: string): void => {
    if (stopping && !alwaysTaken.has(method)) throw fail('SHUTTING_DOWN');
  };
  const replier =
    (dispatch: Dispatch): ((line: string) => Promise<Reply | undefined>) =>
    async (line) =>
      replyTo(line, {
        dispatch,
        bounds: limits,
        logger,
        requests,
        insistTaking,
      });

  const alone = makeOwnerFacet(owner, {
    documentOf,
    subscriptions: noSubscriptions,
    authorize: () => {
      throw fail('ACCESS_UNSUPPORTED');
    },
  });
  const reply = replier(makeDispatch(alone));
  return {
    handleLine: async (line) => (await reply(line))?.text,
    stop: () => {
      stopping = true;
    },
    connect: (send, { facet: first }) => {
      const max = limits.subscriptions;
      let authorized = false;
      const subscriptions = makeSubscriptions({ kernel, logs, send, max });
      const replyHere = replier(
        makeSession({
          documentOf,
          subscriptions,
          makeFirst: (connection) =>
            first === 'owner'
              ? makeOwnerFacet(owner, connection)
              : makeNoFacet(connection),
          makeNext: (token, connection) => {
            const access = kernel.authorize(token);
            authorized = true;
            const references = limits.accessReferences;
            const options = { connection, references };
            return { access, facet: makeFacetOf(kernel, access, options) };
          },
          onLoss: subscriptions.close,
        }),
      );
      return {
        handleLine: async (line) => {
          const answer = await replyHere(line);
          if (answer !== undefined) {
            send(answer.text);
            answer.sent?.();
          }
        },
        isKept: () => authorized || subscriptions.any(),
        close: subscriptions.close,
      };
    },
  };
};

/** Who asks again is told what who asked first was told. */
const alwaysTaken: ReadonlySet<string> = new Set(['ping', 'shutdown']);

const known: ReadonlySet<string> = new Set(rpcMethods.map(({ name }) => name));

/** Of white space as JSON has it: what else looks blank is no JSON. */
const isBlank = /^[ \t\r]*$/u;

const replyTo = async (
  line: string,
  {
    dispatch,
    bounds,
    logger,
    requests,
    insistTaking,
  }: Readonly<{
    dispatch: Dispatch;
    bounds: RequestBounds;
    logger: Logger;
    requests: RequestCounts;
    /** @throws SHUTTING_DOWN */
    insistTaking(method: string): void;
  }>,
): Promise<Reply | undefined> => {
  if (isBlank.test(line)) return undefined;
  let message: unknown;
  let request: RpcRequest | undefined;
  try {
    message = parseJson(line, bounds);
    request = insistRequest(message);
    insistTaking(request.method);
    const { result, ...rest } = await dispatch(request);
    requests.note(request.method, 'answered');
    if (request.id === undefined) return undefined;
    return { text: encodeResult(request.id, result), ...rest };
  } catch (thrown) {
    const method = request?.method ?? '';
    const error = toRpcError(thrown, { method, logger });
    requests.note(known.has(method) ? method : undefined, 'failed');
    if (request !== undefined && request.id === undefined) {
      const { message: problem } = error;
      logger.debug('A notification failed.', { method, problem });
      return undefined;
    }
    return { text: encodeFailure(idOf(message), error) };
  }
};

const encodeResult = (id: JsonRpcId, result: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result });

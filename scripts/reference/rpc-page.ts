/** `docs/rpc-reference.md`: the methods of the socket, from the table that checks them. */
import {
  clusterConfigSchema,
  vatConfigSchema,
} from '../../packages/kernel/src/cluster-config.ts';
import {
  noParams,
  type RpcMethod,
} from '../../packages/kernel/src/rpc/method.ts';
import { rpcMethods } from '../../packages/kernel/src/rpc/methods/index.ts';
import { makeOpenRpcDocument } from '../../packages/kernel/src/rpc/open-rpc.ts';
import {
  OPERATING_ERROR,
  REJECTED,
} from '../../packages/kernel/src/rpc/rpc-error.ts';
import {
  capData,
  kref,
  subclusterId,
  vatId,
} from '../../packages/kernel/src/rpc/shapes.ts';
import { jsonType, schemaKey, typeText, type JsonSchema } from './json-type.ts';
import { block, code, page, table } from './markdown.ts';
import { accessParts } from './rpc-access.ts';
import { eventParts } from './rpc-events.ts';
import { rpcExamples } from './rpc-examples.ts';

/** The part of an OpenRPC document that is shown here. */
type OpenRpc = Readonly<{
  methods: readonly Readonly<{
    name: string;
    summary: string;
    params: readonly Readonly<{
      name: string;
      required: boolean;
      schema: JsonSchema;
    }>[];
    result: Readonly<{ schema: JsonSchema }>;
  }>[];
}>;
type Method = OpenRpc['methods'][number];

/** Shapes that several methods share, by the names that they are given here. */
const shapes: Readonly<Record<string, RpcMethod['result']>> = {
  KRef: kref,
  VatId: vatId,
  SubclusterId: subclusterId,
  CapData: capData,
  VatConfig: vatConfigSchema,
  ClusterConfig: clusterConfigSchema,
};

// The version is that of the running daemon, and is not shown.
const describe = (methods: readonly RpcMethod[]): OpenRpc['methods'] =>
  (makeOpenRpcDocument(methods, '') as OpenRpc).methods;

/** Their schemas as they would stand in the document: as what a method answers. */
const shapeSchemas = describe(
  Object.entries(shapes).map(([name, result]) => ({
    name,
    summary: '',
    params: noParams,
    result,
    run: async () => undefined,
  })),
).map(({ name, result }) => ({ name, schema: result.schema }));

const names = new Map(
  shapeSchemas.map(({ name, schema }) => [schemaKey(schema), name]),
);
const nameOf = (schema: JsonSchema): string | undefined =>
  names.get(schemaKey(schema));

const exampleLine = ({ name, params }: Method): string => {
  const example = rpcExamples[name]?.params;
  if (example === undefined) {
    throw Error(`scripts/reference/rpc-examples.ts has nothing on ${name}`);
  }
  // The options of queueMessage come last in a list, and by name otherwise.
  const named = Object.assign(
    {},
    ...example.map((value, index) =>
      params[index]?.name === 'requestId'
        ? value
        : { [params[index]?.name ?? index]: value },
    ),
  ) as Record<string, unknown>;
  const method = rpcMethods.find((entry) => entry.name === name);
  method?.params.parse(named);
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: name,
    params: example,
  });
};

const paramsTable = ({ params }: Method): string =>
  params.length === 0
    ? 'No parameters.'
    : table(
        ['parameter', 'type', ''],
        params.map(({ name, required, schema }) => [
          code(name),
          code(jsonType(schema, nameOf)),
          required ? '' : 'optional',
        ]),
      );

const errorsText = ({ name }: Method): string[] => {
  const { errors = [] } = rpcExamples[name] ?? {};
  return errors.length === 0
    ? []
    : [
        `Errors: ${errors
          .map((each) => (each === 'CALL_REJECTED' ? `${each} (1001)` : each))
          .map(code)
          .join(', ')}.`,
      ];
};

const noteOn = ({ name }: Method): string[] => {
  const { note } = rpcExamples[name] ?? {};
  return note === undefined ? [] : [note];
};

const methodParts = (method: Method): string[] => {
  const result = jsonType(method.result.schema, nameOf);
  return [
    `## ${method.name}`,
    method.summary,
    paramsTable(method),
    ...noteOn(method),
    result.startsWith('{')
      ? `Answers with:\n\n${block('ts', `type Result = ${result}`)}`
      : `Answers with ${code(result)}.`,
    ...errorsText(method),
    block('', exampleLine(method)),
  ];
};

const typeParts = (): string[] => {
  const definitions = shapeSchemas.map(({ name, schema }) => {
    const { description: about } = schema;
    return `type ${name} = ${typeText(schema, nameOf)};${about === undefined ? '' : ` // ${about}`}`;
  });
  return [
    '## Types',
    block('ts', definitions.join('\n')),
    '`Json` is any JSON value. The arguments of `queueMessage` may hold references, as `{"@ref": "ko12"}` or `{"@ref": "alice"}`. The `body` of a `CapData` is smallcaps text: `#` and then JSON, in which `"$0.Alleged: Purse"` stands for the first of the `slots`. A `bundleSpec` is an absolute path or a `file:`, `http(s):` or `data:` URL, a `sourceSpec` an absolute path or a `file:` URL; `ocap launch` makes them of relative ones.',
  ];
};

const general = [
  '# RPC reference',
  'The daemon listens on `$OCAP_HOME/daemon.sock`, a Unix socket. It speaks JSON-RPC 2.0, one message a line in each direction. Any number of requests may be under way on a connection; they are answered as they finish. A request without an `id` is a notification and gets no answer. Batches are refused. After `subscribe` the daemon also sends notifications of its own: see [events](#events). Parameters are given as a list, in the order below, or by name. `rpc.discover` gives all of this as an OpenRPC document.',
  block(
    'sh',
    `printf '{"jsonrpc":"2.0","id":1,"method":"getStatus"}\\n' | nc -U ~/.ocap/daemon.sock\nocap daemon exec getStatus`,
  ),
  'What any request can come to:',
  table(
    ['code', 'when'],
    [
      ['-32700', 'the line is not JSON'],
      ['-32600', 'it is JSON but no request, or a batch, or nested too deep'],
      ['-32601', 'there is no such method'],
      [
        '-32602',
        'a parameter is missing, does not fit or is one too many; `data.path` says which',
      ],
      ['-32603', 'a defect of ocap; the daemon’s log says more'],
      [
        String(OPERATING_ERROR),
        'the request makes sense but cannot be done: `data.code` is one of the [errors](errors.md)',
      ],
      [
        String(REJECTED),
        'the call was rejected: `data.capdata` is the reason, and `data.code` is `CALL_REJECTED` if it was a vat that rejected it, or one of the [errors](errors.md), such as `VAT_TERMINATED`, if it was the kernel',
      ],
    ],
  ),
];

export const rpcPage = (): string =>
  page('`packages/kernel/src/rpc/methods/`', [
    ...general,
    ...typeParts(),
    ...accessParts(),
    ...eventParts(),
    ...describe(rpcMethods).flatMap(methodParts),
  ]);

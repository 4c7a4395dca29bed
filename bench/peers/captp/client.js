/** Entry point: calls the server over the socket that is its only argument. */
import '@endo/init';
import { E, makeCapTP } from '@endo/captp';
import { callPing } from '../call-ping.js';
import { connectLines } from '../lines.js';

const send = await connectLines(process.argv[2], (line) =>
  dispatch(JSON.parse(line)),
);
const { dispatch, getBootstrap } = makeCapTP('client', (message) =>
  send(JSON.stringify(message)),
);
const root = await getBootstrap();
await callPing(() => E(root).ping());

/** Entry point: serves one object with @endo/captp on the socket that is its only argument. */
import '@endo/init';
import { makeCapTP } from '@endo/captp';
import { Far } from '@endo/far';
import { serveLines } from '../lines.js';

const root = Far('Root', { ping: () => 'pong' });

serveLines(process.argv[2], (send) => {
  const { dispatch } = makeCapTP(
    'server',
    (message) => send(JSON.stringify(message)),
    root,
  );
  return (line) => dispatch(JSON.parse(line));
});

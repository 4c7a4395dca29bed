/** Messages over a Unix socket, one a line: neither CapTP nor Cap'n Web has a framing of its own. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** `onLine` hears each line; what is sent in one turn leaves in one write. */
const makeLines = (socket, onLine) => {
  let rest = '';
  let unsent = '';
  const flush = () => {
    socket.write(unsent);
    unsent = '';
  };
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  return {
    send: (line) => {
      // Runs when no promise has anything left to do, so it takes all of them along.
      if (unsent === '') process.nextTick(flush);
      unsent += `${line}\n`;
    },
  };
};

/** `accept(send)` is called for each connection and returns its `onLine`. */
export const serveLines = (socketPath, accept) => {
  const server = createServer((socket) => {
    const { send } = makeLines(socket, (line) => onLine(line));
    const onLine = accept(send);
  });
  server.listen(socketPath, () => process.send('ready'));
  process.on('disconnect', () => process.exit());
};

/** Returns `send`, once there is a connection. */
export const connectLines = async (socketPath, onLine) => {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  return makeLines(socket, onLine).send;
};

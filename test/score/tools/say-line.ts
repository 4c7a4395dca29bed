/** One line on a connection of its own, as bytes that nobody has checked; the answer as text. */
import { connect } from 'node:net';

/** Resolves to the first line that comes back, or to why none does. */
export const sayLine = async (
  socketPath: string,
  line: Buffer,
): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    let text = '';
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      const [first, rest] = text.split('\n');
      if (rest !== undefined) end(first ?? '');
    });
    socket.on('error', (error) => end(`lost: ${error.message}`));
    socket.on('close', () => end('lost: it was closed'));
    socket.write(line);
  });

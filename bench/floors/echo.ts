/**
 * Entry point of the smallest JSON-RPC server there is: it parses each line and
 * answers with the same parameters. Its socket's path is its only argument.
 */
import { createServer } from 'node:net';

type Request = Readonly<{ id: number; params: unknown }>;

const server = createServer((socket) => {
  socket.on('error', () => undefined);
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    let answers = '';
    for (const line of lines) {
      const { id, params } = JSON.parse(line) as Request;
      answers += `${JSON.stringify({ jsonrpc: '2.0', id, result: params })}\n`;
    }
    if (answers !== '') socket.write(answers);
  });
});

server.listen(process.argv[2], () => process.send?.('ready'));
process.on('disconnect', () => process.exit());

/** Entry point: serves one object with capnweb on the socket that is its only argument. */
import { RpcSession, RpcTarget } from 'capnweb';
import { serveLines } from '../lines.js';
import { makeTransport } from './transport.js';

class Root extends RpcTarget {
  ping() {
    return 'pong';
  }
}

const sessions = [];

serveLines(process.argv[2], (send) => {
  const { transport, onLine } = makeTransport(send);
  sessions.push(new RpcSession(transport, new Root()));
  return onLine;
});

/** Entry point: calls the server over the socket that is its only argument. */
import { RpcSession } from 'capnweb';
import { callPing } from '../call-ping.js';
import { connectLines } from '../lines.js';
import { makeTransport } from './transport.js';

const { transport, onLine } = makeTransport((message) => send(message));
const send = await connectLines(process.argv[2], onLine);
const root = new RpcSession(transport).getRemoteMain();
await callPing(() => root.ping());

export {
  makeSocketIOChannel,
  type SocketChannel,
} from './io/socket-channel.ts';
export { makeKernel, type KernelDatabase } from './make-kernel.ts';

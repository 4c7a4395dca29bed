/** Entry point of a process that says back what it hears on streams of libp2p. */
import { startEchoServer } from '../../packages/nodejs/src/testing/libp2p-echo.ts';

const address = await startEchoServer();
process.send?.(address);
process.on('disconnect', () => process.exit());

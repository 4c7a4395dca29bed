export { makeKernel, type KernelDatabase } from './make-kernel.ts';

/** The program `daemon`: what `ocap` starts in the background. */
import { runDaemonProcess } from './daemon-process.ts';

void runDaemonProcess();

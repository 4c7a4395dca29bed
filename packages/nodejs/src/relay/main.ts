/** The program `relay`: what `ocap relay start` starts. */
import { runRelayProcess } from './relay-process.ts';

void runRelayProcess();

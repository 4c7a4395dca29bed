/**
 * Loaded into the daemon's process before its own program. Its steps are what
 * it does to its database and what goes through its pipes and sockets: between
 * two of them nothing of it changes but its memory.
 */
import { Socket } from 'node:net';
import Database from 'better-sqlite3';
import { step } from './die-at-step.ts';

const statement = new Database(':memory:').prepare('SELECT 1');
const prototype = Object.getPrototypeOf(statement) as Database.Statement;
// Called with the statement as its `this`, below.
const { run } = prototype;

prototype.run = function (...parameters: unknown[]) {
  const { source } = this;
  if (!this.database.name.endsWith('kernel.sqlite')) {
    return run.apply(this, parameters);
  }
  const [, verb, table] =
    /^(INSERT|DELETE).*? (?:INTO|FROM) (\w+)/u.exec(source) ?? [];
  step(
    verb === undefined
      ? `before ${source}`
      : `before ${verb} of ${String(table)}`,
  );
  const result = run.apply(this, parameters);
  if (source === 'COMMIT') step('after COMMIT');
  return result;
};

/** A connection of a client, or a pipe; and what kind of frame goes through that. */
const nameOf = (socket: Socket, chunk: unknown): string => {
  const isClient = 'server' in socket && socket.server !== null;
  if (isClient) return 'a client';
  const text = Buffer.isBuffer(chunk) ? chunk.toString('latin1') : chunk;
  const [, type] = /^\{"type":"(\w+)"/u.exec(String(text)) ?? [];
  return type === undefined ? 'a pipe' : `a host (${type})`;
};

// Called with the socket as their `this`, below.
const { write, push } = Socket.prototype;

Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
  const name = nameOf(this, args[0]);
  step(`before it is told: ${name}`);
  const result = Reflect.apply(write, this, args);
  if (name === 'a client') step(`after it was told: ${name}`);
  return result;
};

Socket.prototype.push = function (this: Socket, ...args: unknown[]) {
  // The end of a stream is no message.
  if (args[0] !== null) step(`it hears from ${nameOf(this, args[0])}`);
  return Reflect.apply(push, this, args);
};

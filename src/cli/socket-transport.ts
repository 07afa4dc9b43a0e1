import { request } from 'node:http';
import { connect } from 'node:net';
import type { Send } from '#sdk/send.ts';
import { sendOverNode } from './node-transport.ts';

/** The native API of a server on this machine, through the Unix socket in its data directory. */
export function socketTransport(socketPath: string): Send {
  return (message) => sendOverNode(request, { socketPath, host: 'localhost', agent: false }, message);
}

/** Whether a server listens there: a socket that is left over from a killed one refuses. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

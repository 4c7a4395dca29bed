/** What capnweb asks of a connection: `send`, and `receive` for one message at a time. */
export const makeTransport = (send) => {
  const received = [];
  let deliver;
  return {
    onLine: (line) => {
      if (deliver === undefined) {
        received.push(line);
      } else {
        deliver(line);
        deliver = undefined;
      }
    },
    transport: {
      send: async (message) => send(message),
      receive: async () =>
        received.shift() ??
        new Promise((resolve) => {
          deliver = resolve;
        }),
    },
  };
};

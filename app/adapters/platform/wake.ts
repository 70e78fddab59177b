// When the network, the page or the machine comes back. SE7: nothing here ever changes a status.

/** Calls `wake` on online, on becoming visible and on resume after a freeze. */
export function onWake(wake: () => void): void {
  window.addEventListener('online', wake);
  document.addEventListener('resume', wake);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake();
  });
}

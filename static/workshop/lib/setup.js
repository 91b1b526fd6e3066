// The workshop's ports and chapters. Requested once by each page.
import { request } from '/workshop/lib/request.js';

export const setup = request('/setup');

// The number at which this page reaches one of those ports: a proxy adds the same number to each as
// it does to the one that this page came from. (An address without a port is the only one.)
export async function portHere(port) {
  const { here } = await setup;
  return location.port ? port + Number(location.port) - here : port;
}

// The port of a technique, or of the gallery, for this page.
export async function portOf(technique) {
  const { techniques, beside } = await setup;
  return portHere([...techniques, ...beside].find(({ name }) => name === technique).port);
}

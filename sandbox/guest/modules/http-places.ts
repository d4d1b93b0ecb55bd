import type { Agent } from './http-agent.ts';

interface Places {
  taken: number;
  waiting: Set<() => void>;
}

/** By agent and origin. The sockets are the host's; what `maxSockets` can still bound is the requests under way. */
const byAgent = new WeakMap<Agent, Map<string, Places>>();

/** Calls `begin` when the agent has a place for the origin, at once if it can. Call the result when it is over. */
export function takePlace(agent: Agent, origin: string, begin: () => void): () => void {
  const places = placesOf(agent, origin);
  let state: 'waiting' | 'taken' | 'left' = 'waiting';
  const enter = () => {
    places.waiting.delete(enter);
    places.taken++;
    state = 'taken';
    begin();
  };
  if (places.taken < agent.maxSockets) enter();
  else places.waiting.add(enter);
  return () => {
    if (state === 'taken') places.taken--;
    else places.waiting.delete(enter);
    state = 'left';
    const next = places.waiting.values().next().value;
    if (next && places.taken < agent.maxSockets) next();
  };
}

function placesOf(agent: Agent, origin: string): Places {
  let origins = byAgent.get(agent);
  if (!origins) {
    origins = new Map();
    byAgent.set(agent, origins);
  }
  let places = origins.get(origin);
  if (!places) {
    places = { taken: 0, waiting: new Set() };
    origins.set(origin, places);
  }
  return places;
}

/**
 * The folders where sfetch keeps its files, by the XDG base directory specification.
 *
 * mod.ts has the same rule for what it reads; it is not imported here, because every start needs these folders before
 * mod.ts is loaded.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Where sfetch keeps saved orgs and keys: `$XDG_CONFIG_HOME/sfetch`, by default `~/.config/sfetch`. */
export function configFolder(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homeFolder(), ".config"), "sfetch");
}

/** Where sfetch keeps what it can fetch again: `$XDG_CACHE_HOME/sfetch`, by default `~/.cache/sfetch`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homeFolder(), ".cache"), "sfetch");
}

/** Where sfetch keeps the history: `$XDG_STATE_HOME/sfetch`, by default `~/.local/state/sfetch`. */
export function stateFolder(): string {
  return join(process.env.XDG_STATE_HOME || join(homeFolder(), ".local", "state"), "sfetch");
}

/** The user's home folder; `/` for a user that the system does not know, as in containers. */
export function homeFolder(): string {
  try {
    return process.env.HOME || process.env.USERPROFILE || homedir() || "/";
  } catch {
    return "/"; // `homedir()` throws for a user id without an entry in /etc/passwd
  }
}

/** A path in which `~` stands for the home folder, as in a shell. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homeFolder(), path.slice(1)) : path;
}

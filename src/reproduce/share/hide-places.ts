/**
 * Folders, user and host names taken out of text that is handed on. A path keeps its last name alone: `/home/ann/cells/a.png` becomes `…/a.png`,
 * whether it is of this machine or was written on another.
 */
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { packageRoot } from '../../util/files';

/** How much was hidden. */
export interface HiddenCount {
  paths: number;
  /** Of users and machines. */
  names: number;
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Folders that say who or where: this machine's own, then those that other machines have. */
const ownPlaces = [process.cwd(), packageRoot(), tmpdir(), homedir()]
  .filter((place) => place.length > 3)
  .sort((a, b) => b.length - a.length)
  .map((place) => `${escapeRegExp(place)}(?![\\w-])`);
/** Above which everything names a user, a machine or a project. */
const homes = [
  String.raw`\/(?:export\/)?(?:home|Users)\/[\w.@-]+`,
  String.raw`\/root(?![\w-])`,
  String.raw`\/(?:private\/)?tmp(?![\w-])`,
  String.raw`\/(?:private\/)?var\/(?:folders|tmp)(?![\w-])`,
  String.raw`[A-Z]:(?:\\+|\/(?=Users\/))(?=[\w.-]{2})(?:Users[\\/]+[\w.@-]+)?`,
  String.raw`\\\\(?=\w[\w.-]*\\)`, // \\server\share
];
/** Such words begin other things, too: they count within quotes, or with two folders below. */
const mounts = String.raw`(?:(?<=["'\`])|(?=\/[\w.-]+\/[\w.-]+\/[\w.-]))\/(?:mnt|media|Volumes|scratch|work|workspaces?|data|gpfs|lustre|beegfs|nfs|srv|projects?|storage|content|kaggle)(?=\/[\w.-])`;
const place = `(?:file:\\/\\/)?(?:${[...ownPlaces, ...homes, mounts].join('|')})`;

/** Between quotes a path may hold spaces; elsewhere it ends with the word. A word, a variable or an address before it is part of something else. */
const quoted = new RegExp(`(?<=(["'\`]))${place}[^"'\`\\n<>]*(?=\\1)`, 'g');
const bare = new RegExp(`(?<![\\w.~/\\\\})\\]-])${place}[^\\s"'\`<>|;,()[\\]{}&?*:]*`, 'g');
const beginning = new RegExp(`^${place}`);
const dataAddress = /(data:[\w.+-]+\/[\w.+-]+(?:;[\w=.-]+)*,[^\s"'<>)\\]*)/;

/** Users that every machine has. */
const commonUsers = /^(?:root|user|admin|jovyan|ubuntu|debian|runner|node|guest|test|.{1,2})$/i;

/** Text without the folders and names; addresses that hold data (`data:image/png;base64,…`) stay as they are. */
export function hidePlaces(text: string, hidden: HiddenCount): string {
  if (!/[/\\@:=]/.test(text)) return hideNames(text, hidden);
  return text
    .split(dataAddress)
    .map((part, i) => (i % 2 === 1 ? part : hideNames(hidePaths(part, hidden), hidden)))
    .join('');
}

function hidePaths(text: string, hidden: HiddenCount): string {
  const shorten = (path: string) => {
    hidden.paths++;
    const [, below, end] = /^(.*?)([\\/]*)$/s.exec(path.replace(beginning, '')) as RegExpExecArray;
    const last = below.split(/[\\/]+/).at(-1);
    return last ? `…/${last}${end}` : `…${end}`;
  };
  return text.replace(quoted, shorten).replace(bare, shorten);
}

/** The name of this user and this machine, and those of a prompt (`ann@gpu07:~/cells$`). */
function hideNames(text: string, hidden: HiddenCount): string {
  const hide = () => {
    hidden.names++;
    return '…';
  };
  return namesOfHere().reduce(
    (left, pattern) => left.replace(pattern, hide),
    text.replace(/\b[\w.-]+@[\w-]+(?=:[~/…])/g, hide),
  );
}

let patterns: RegExp[] | undefined;

/** A name that is no plain word is known wherever it stands; "cell" or "data" only where a user or a machine is named. */
function namesOfHere(): RegExp[] {
  patterns ??= patternsOf(hostname(), userName());
  return patterns;
}

function patternsOf(host: string, user: string): RegExp[] {
  return [
    [host === 'localhost' ? '' : host, String.raw`(?<=[@/]|\bhost(?:name)?["']?\s*[:=]\s*["']?)`] as const,
    [
      commonUsers.test(user) ? '' : user,
      String.raw`(?<=\b(?:user(?:name)?|logname|login)["']?\s*[:=]\s*["']?)`,
    ] as const,
  ]
    .filter(([name]) => name !== '')
    .map(([name, context]) => {
      const isDistinct = name.length >= 5 && /\d|[a-z]-|_/i.test(name);
      return new RegExp(`${isDistinct ? '(?<![\\w-])' : context}${escapeRegExp(name)}(?![\\w-])`, 'gi');
    });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // a container's user without a name
  }
}

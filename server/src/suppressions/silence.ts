// Takes away the findings that comments silence, and tells which comments silenced nothing.
import type { Finding } from "../findings/finding.ts";
import { nearest } from "../findings/nearest.ts";
import type { Directive, NamedRule } from "./directives.ts";

/** A part of a comment that silences nothing, with the reason in words. */
export interface Idle {
  /** The whole directive, or the one name in its brackets that is idle. */
  readonly start: number;
  readonly end: number;
  /** The rule it names; empty when it names all or several. */
  readonly rule: string;
  readonly message: string;
}

export class Silence {
  private readonly used = new Set<Directive | NamedRule>();

  /** @param foreign rules whose findings may still come: what names them counts as used */
  constructor(
    private readonly directives: readonly Directive[],
    foreign: readonly string[],
  ) {
    for (const directive of directives) {
      for (const rule of directive.rules ?? []) {
        if (foreign.includes(rule.name)) this.used.add(directive).add(rule);
      }
    }
  }

  /** Whether a comment silences the finding; remembers which. */
  covers(finding: Finding): boolean {
    let covered = false;
    for (const directive of this.directives) {
      if (directive.fault !== undefined || !reaches(directive, finding)) continue;
      const named = directive.rules?.filter((rule) => rule.name === finding.rule);
      if (named?.length === 0) continue;
      this.used.add(directive);
      // Of a name given twice one is enough.
      if (named !== undefined) this.used.add(named[0]!);
      covered = true;
    }
    return covered;
  }

  /** Whether some directive has had no finding so far. */
  get hasIdle(): boolean {
    return this.directives.some((it) => !this.used.has(it) || it.rules?.some((rule) => !this.used.has(rule)));
  }

  /**
   * What silenced none of the findings asked about.
   * @param known names of all rules
   */
  idle(known: readonly string[]): Idle[] {
    return this.directives.flatMap((directive) => this.idleParts(directive, known));
  }

  private idleParts(directive: Directive, known: readonly string[]): Idle[] {
    const { start, end, rules, fault } = directive;
    const whole = (message: string): Idle[] => [{ start, end, rule: "", message }];
    if (fault !== undefined) return whole(`This comment silences nothing: ${fault}`);
    if (rules === undefined) {
      const nothing = "This comment silences nothing: Threadproof has no finding here.";
      return this.used.has(directive) ? [] : whole(nothing);
    }
    const parts = rules
      .filter((rule) => !this.used.has(rule))
      .map((rule) => ({
        start: rule.start,
        end: rule.end,
        rule: rule.name,
        message: wordsFor(rule, rules, known),
      }));
    // One finding for the comment when all of it is idle, so that a fix takes it away as a whole.
    if (parts.length < rules.length) return parts;
    const message = parts.map((part) => part.message).join(" ");
    return [{ start, end, rule: parts.length === 1 ? parts[0]!.rule : "", message }];
  }
}

function wordsFor({ name, start }: NamedRule, rules: readonly NamedRule[], known: readonly string[]): string {
  if (rules.some((other) => other.name === name && other.start < start)) return `\`${name}\` is named twice.`;
  if (known.includes(name)) return `This comment silences nothing: \`${name}\` has no finding here.`;
  const meant = nearest(name, known);
  return `There is no rule \`${name}\`${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`;
}

function reaches({ kind, comment }: Directive, { range }: Finding): boolean {
  return kind === "ignore-file" || (range.start >= comment.from && range.start < comment.to);
}

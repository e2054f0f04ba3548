/** Texts of the benchmark's page in the user's language. */
import * as vscode from "vscode";
import type { Labels } from "./messages.ts";

export function pageLabels(): Labels {
  const { t } = vscode.l10n;
  return {
    again: t("Run again"),
    because: t("Because"),
    best: t("best fit"),
    builds: t("Builds"),
    cancel: t("Cancel"),
    chooseInterpreters: t("Name interpreters in the settings"),
    close: t("Close this column"),
    compare: t("Compare with…"),
    compared: t("Compared with an earlier run"),
    copyCommand: t("Copy as command line"),
    copyMarkdown: t("Copy as Markdown"),
    escapes: t("Which way out fits"),
    export: t("Export…"),
    figures: t("Figures"),
    fit: t("Fit"),
    fits: t("fits"),
    install: t("Run this in a terminal"),
    later: t("not yet"),
    lookAgain: t("Look again"),
    no: t("no"),
    open: t("open"),
    otherWays: t("Other ways"),
    soFar: t("So far"),
    wayOut: t("Way out"),
    why: t("Why"),
  };
}

/** The text in which the declarations of all cells are kept: a .d.ts that tslab's converter prints. */
import ts from 'typescript';

export interface DeclaredName {
  name: string;
  /** As declared; for imports, where from. */
  type: string;
}

export function declaredNames(declarations: string): DeclaredName[] {
  return parse(declarations).statements.flatMap(namesDeclaredBy);
}

/**
 * Takes the declarations of some names from an earlier text.
 *
 * @returns `current`, with what `previous` said about `names` in place of what it says itself
 */
export function restoreDeclarations(current: string, previous: string, names: ReadonlySet<string>): string {
  const kept = statementsAbout(current, (name) => !names.has(name));
  const restored = statementsAbout(previous, (name) => names.has(name));
  return [...restored, ...kept, ''].join('\n');
}

/** Statements that declare a wanted name; of a list of variables only the wanted ones. Nameless statements count as named ''. */
function statementsAbout(declarations: string, isWanted: (name: string) => boolean): string[] {
  return parse(declarations).statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) {
      const { declarations: variables, flags } = statement.declarationList;
      const wanted = variables.filter((variable) => isWanted(variable.name.getText()));
      const keyword = flags & ts.NodeFlags.Const ? 'const' : flags & ts.NodeFlags.Let ? 'let' : 'var';
      return wanted.length === 0
        ? []
        : [`declare ${keyword} ${wanted.map((variable) => variable.getText()).join(', ')};`];
    }
    const names =
      ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
        ? [statement.name.text]
        : namesDeclaredBy(statement).map(({ name }) => name);
    return (names.length === 0 ? [''] : names).some(isWanted) ? [statement.getFullText().trim()] : [];
  });
}

function namesDeclaredBy(statement: ts.Statement): DeclaredName[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name, type, initializer }) => ({
      name: name.getText(),
      type: type?.getText() ?? initializer?.getText() ?? 'any',
    }));
  }
  if (ts.isFunctionDeclaration(statement) && statement.name) {
    const parameters = statement.parameters.map((parameter) => parameter.getText()).join(', ');
    return [{ name: statement.name.text, type: `(${parameters}) => ${statement.type?.getText() ?? 'any'}` }];
  }
  if ((ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) && statement.name) {
    const { text } = statement.name;
    return [{ name: text, type: ts.isClassDeclaration(statement) ? `class ${text}` : `enum ${text}` }];
  }
  if (ts.isImportDeclaration(statement)) {
    const from = statement.moduleSpecifier.getText();
    const clause = statement.importClause;
    const bindings = clause?.namedBindings;
    const names = [
      ...(clause?.name ? [clause.name.text] : []),
      ...(bindings && ts.isNamespaceImport(bindings) ? [bindings.name.text] : []),
      ...(bindings && ts.isNamedImports(bindings)
        ? bindings.elements.map((element) => element.name.text)
        : []),
    ];
    return names.map((name) => ({ name, type: `import from ${from}` }));
  }
  return [];
}

function parse(declarations: string): ts.SourceFile {
  return ts.createSourceFile('declarations.d.ts', declarations, ts.ScriptTarget.Latest, true);
}

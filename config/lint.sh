#!/usr/bin/env bash
# `make lint`: every tool runs, then the ones that found something are named. Exit code 1 when there are any.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" SECRET_KEY=only-to-read-the-settings DATABASE_URL=postgresql:///unused PYTHONWARNINGS=ignore
own=(access accounts alerts catalog config core evaluations ingestion people portal search social vocabulary)
failed=()

check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf '  ok      %s\n' "$name"
  else
    printf '  FAILED  %s\n%s\n\n' "$name" "$output"
    failed+=("$name")
  fi
}

audit() {
  local output
  output=$(pip-audit --requirement requirements.txt --require-hashes --disable-pip --progress-spinner off --timeout 20 2>&1)
  case $? in
    0) printf '  ok      pip-audit\n' ;;
    *) if grep -qiE 'vulnerabilit(y|ies) in' <<<"$output"; then
         printf '  FAILED  pip-audit\n%s\n\n' "$output"
         failed+=(pip-audit)
       else
         printf '\n  !! NOT AUDITED: the advisory service could not be reached. !!\n%s\n\n' "$(tail -n 2 <<<"$output")"
         if [ "${VITRINE_AUDIT:-}" = required ]; then failed+=(pip-audit); fi
       fi ;;
  esac
}

check "ruff format" ruff format --check .
check "ruff check" ruff check .
check "mypy" mypy "${own[@]}" bench
check "import-linter" lint-imports
check "sizes" python config/size_limits.py
check "djlint" djlint --lint --quiet templates
check "bandit" bandit --quiet --recursive --configfile pyproject.toml "${own[@]}"
check "migrations" python manage.py makemigrations --check --dry-run
audit

if [ ${#failed[@]} -gt 0 ]; then
  echo "make lint found something: ${failed[*]}"
  exit 1
fi
echo "make lint: all clean"

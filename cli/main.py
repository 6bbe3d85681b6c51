"""Entry of the command `xinpei`."""

import typer

from cli import (
    catalogue,
    drift,
    evaluate,
    fetch,
    import_data,
    keys,
    profile,
    promote,
    rollback,
    score,
    screen,
    serve,
    simulate,
    train,
    validate,
)

app = typer.Typer(
    name="xinpei",
    help="Credit scores and bank products for small and micro enterprises.  小微企业信用评分与银行产品匹配。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("simulate")(simulate.simulate)
app.add_typer(import_data.app, name="import")
app.command("validate")(validate.validate)
app.command("profile")(profile.profile)
app.add_typer(train.app, name="train")
app.command("evaluate")(evaluate.evaluate)
app.command("drift")(drift.drift)
app.command("fetch")(fetch.fetch)
app.command("promote")(promote.promote)
app.command("rollback")(rollback.rollback)
app.command("score")(score.score)
app.command("screen")(screen.screen)
app.command("serve")(serve.serve)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(keys.app, name="keys")


def run() -> None:
    """Run the command line."""
    app()

"""What typer says in English, in Chinese: about the commands and about what is wrong with the arguments."""

import re
import shlex
from collections.abc import Callable, Sequence

import typer
from typer import rich_utils
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]
"""Every complaint of typer about arguments; it exports only this kind of it."""

_USAGE = {"Usage: ": "用法：", "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]…"}
_KINDS = {bool: "", int: "数字"}
_COMMAND = re.compile(r"No such command '(.*?)'\.(?: Did you mean '(.*?)')?")
_EXTRA = re.compile(r"unexpected extra argument(?:s|\(s\))? \((.*)\)$")


def install() -> None:
    """Make every command of this process speak Chinese about itself; what has no constant is replaced."""
    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.ENVVAR_STRING = "[环境变量：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    rich_utils.RANGE_STRING = ""
    TyperArgument.display_type_rich = lambda *_, **__: ""  # type: ignore[method-assign]  # its name says what it is
    TyperOption.display_type_rich = lambda self, **_: _kind(self)  # type: ignore[method-assign]
    for command in (TyperCommand, TyperGroup):
        command.get_usage = _usage(command.get_usage)  # type: ignore[method-assign]
        command.get_help_option = _help(command.get_help_option)  # type: ignore[method-assign]


def _kind(option: TyperOption) -> str:
    return option.metavar if option.metavar is not None else _KINDS.get(option.type_descriptor.annotation, "文字")


def _usage(said: Callable[..., str]) -> Callable[..., str]:
    def usage(*arguments: object) -> str:
        words = said(*arguments)
        for theirs, ours in _USAGE.items():
            words = words.replace(theirs, ours)
        return words

    return usage


def _help(made: Callable[..., TyperOption | None]) -> Callable[..., TyperOption | None]:
    def help_option(*arguments: object) -> TyperOption | None:
        option = made(*arguments)
        if option is not None:
            option.help = "显示这份说明"
        return option

    return help_option


def complaint(error: typer.BadParameter, arguments: Sequence[str]) -> str:
    """What is wrong with the arguments, and what to do."""
    searching = "search" in arguments
    if option := getattr(error, "option_name", None):
        return _about_option(
            error, option, next((each for each in arguments if each.startswith(option)), ""), searching
        )
    if getattr(error, "param", None) is not None:
        return _about_value(error)
    if unknown := _COMMAND.search(error.message):
        return f"没有命令 {unknown[1]}" + (f"；是不是 {unknown[2]}？" if unknown[2] else "。")
    if extra := _EXTRA.search(error.message):
        example = "，例如 meiqia-search search '退款 物流'" if searching else ""
        return f"多了“{extra[1]}”；含空格的内容请整个放在引号里{example}。"
    return "缺少命令。"


def _about_option(error: typer.BadParameter, option: str, typed: str, searching: bool) -> str:
    if "requires" in error.message:
        return f"选项 {option} 后面缺少值。"
    if "not take" in error.message:
        return f"选项 {option} 后面不能有值。"
    if searching and not option.startswith("--"):
        return (
            f"没有选项 {option}。以减号开头的查询请写在 -- 后面：meiqia-search search -- {shlex.quote(typed)}，"
            f"或换个顺序，例如 meiqia-search search '物流 {typed}'。"
        )
    near = getattr(error, "possibilities", None)
    return f"没有选项 {option}" + (f"；是不是 {' 或 '.join(sorted(near))}？" if near else "。")


def _about_value(error: typer.BadParameter) -> str:
    param: TyperArgument | TyperOption = error.param  # type: ignore[assignment]  # it is one of the two
    name = param.opts[-1] if param.opts[-1].startswith("-") else param.metavar or param.name
    if type(error) is not typer.BadParameter:
        return f"缺少“{name}”。"
    if param.type_descriptor.annotation is not int:
        return f"“{name}”的值不对。"
    least, most = getattr(param, "min", None), getattr(param, "max", None)
    return f"“{name}”的值不对，应为{f' {least} 到 {most} 的' if least is not None else ''}整数。"

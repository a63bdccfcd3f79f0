"""What can be configured, from the environment (``MEIQIA_…``) or a ``meiqia.env`` file beside the program."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every key of the configuration."""

    model_config = SettingsConfigDict(env_prefix="MEIQIA_", env_file="meiqia.env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="数据文件夹：档案、索引、审计日志")
    audit_checkpoints: Path | None = Field(
        None, description="审计检查点的文件夹，最好在另一块磁盘或另一台机器上；不填则为数据文件夹里的 checkpoints"
    )
    database_url: str | None = Field(None, description="PostgreSQL 地址；不填则用数据文件夹里的 SQLite")
    opensearch_url: str | None = Field(
        None, description="OpenSearch 各节点的地址，用逗号分开；不填则用数据文件夹里的索引"
    )
    opensearch_user: str = Field("", description="OpenSearch 账号")
    opensearch_password: SecretStr = Field(SecretStr(""), description="OpenSearch 密码")
    opensearch_ca: Path | None = Field(None, description="OpenSearch 证书的签发机构（PEM 文件）；不填则用系统信任的")
    opensearch_prefix: str = Field("meiqia", description="索引名的开头；几个档案共用一个集群时各用各的")
    host: str = Field("127.0.0.1", description="网页服务监听的地址")
    port: int = Field(8000, ge=1, le=65535, description="网页服务监听的端口")
    processes: int = Field(1, ge=1, le=64, description="网页进程数")
    trusted_proxies: str = Field(
        "127.0.0.1", description="前面的代理的地址（或网段），用逗号分开；只信它们转告的访问者地址"
    )
    own_conversations: Literal["participant", "owner"] = Field(
        "participant",
        description="新档案里客服的可见范围：participant 参与过即可见，owner 只看自己主接待的；之后在角色里改",
    )
    look_ups_a_minute: int = Field(30, ge=1, le=10_000, description="每人每分钟按手机、邮箱等完整的值查找的次数")
    index_memory_mb: int = Field(192, ge=32, le=4096, description="写索引时可用的内存（MB）")
    search_threads: int = Field(4, ge=1, le=64, description="同时进行的查询数")
    page_timeout_s: float = Field(3.0, gt=0, description="页面查询最长时间（秒）")
    api_timeout_s: float = Field(10.0, gt=0, description="接口查询最长时间（秒）")
    secure_cookies: bool = Field(default=False, description="只在 HTTPS 下发送登录凭据；放在 TLS 代理后面时打开")

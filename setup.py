"""Packaging of tensorboard-cnnvis; tools are configured in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
PLOT = ["matplotlib>=3.8,<4"]
MLXTEND = "mlxtend>=0.23,<1"
PROJECTIONS = ["numba>=0.60,<1", "umap-learn>=0.5.7,<0.6", "openTSNE>=1.0.2,<2"]

setup(
    name="tensorboard-cnnvis",
    version="0.1.0",
    description="See inside a CNN image classifier while it trains: a TensorBoard plugin",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    packages=find_packages(include=["tensorboard_cnnvis", "tensorboard_cnnvis.*"]),
    package_data={"tensorboard_cnnvis": ["py.typed", "static/*"]},
    install_requires=[
        "tensorboard>=2.21,<3",
        "numpy>=1.26,<3",
        "scipy>=1.11,<2",
        "pandas>=2.1,<4",
        "scikit-learn>=1.4,<2",
        "werkzeug>=3.0,<4",
        "pillow>=10.3,<14",
        "platformdirs>=4,<5",
        "google-crc32c>=1.5,<2",
        "threadpoolctl>=3.1,<4",
    ],
    extras_require={
        "tensorflow": ["tensorflow>=2.20,<3", "keras>=3.11,<4"],
        "demo": ["tensorflow>=2.20,<3", "keras>=3.11,<4", MLXTEND, *PROJECTIONS],
        "projections": PROJECTIONS,
        "parquet": ["pyarrow>=15,<25"],
        "plot": PLOT,
        "bench": ["cleanlab>=2.9,<3"],  # Apache-2.0 since 2.9
        "dev": [
            "tensorflow>=2.20,<3",
            "keras>=3.11,<4",
            MLXTEND,
            *PROJECTIONS,
            "pyarrow>=15,<25",
            *PLOT,
            "pytest>=8,<10",
            "hypothesis>=6.100,<7",
            "safetensors>=0.4.3,<1",
            "playwright>=1.45,<2",
            "build>=1.2,<2",
            "ruff>=0.8,<1",
            "mypy>=1.13,<3",
            "pandas-stubs>=2.2,<4",
            "scipy-stubs>=1.14,<2",
            "psutil>=6,<8",
            "faiss-cpu>=1.8,<2",
        ],
    },
    entry_points={
        "tensorboard_plugins": ["cnnvis = tensorboard_cnnvis.server.plugin:CNNVisLoader"],
        "console_scripts": ["tensorboard-cnnvis = tensorboard_cnnvis.cli:main"],
    },
)

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
EXPORTS := build/export
MODEL := $(EXPORTS)/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8.tflite
PHOTOS := mobilenet_tf/assets/photos
DEMO_PHOTOS := $(foreach name,cat castle coffee german_shepherd goldfish macaw,$(PHOTOS)/$(name).jpg)

# Maven prints a line of its own only if something is wrong.
MAVEN := mvn --batch-mode --no-transfer-progress -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
	-f android_demo/pom.xml
# The same, for what takes minutes: it names each step.
MAVEN_STEPS := $(PYTHON) -m android_demo.tools.maven
APK := build/apk/mobilenet-demo$(if $(ABI),-$(ABI)).apk
VECTORS := build/android/vectors

.PHONY: help venv moved venv-mediapipe chromium demo test test-fast adbd-root arm64-root check audit apk android-test android-native android-check bench-android wheel clean

# The commands in $(VENV) name its path, so after the folder was moved or copied they would not start. The path at which
# they were installed stands in $(VENV)/.installed; it is empty if they were installed by an older Makefile.
INSTALLED_IN := $(shell cat $(VENV)/.installed 2>/dev/null)
IS_HERE := $(shell pwd -P)
ifneq ($(INSTALLED_IN),)
ifneq ($(INSTALLED_IN),$(IS_HERE))
MOVED := moved
endif
endif

help:  ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

venv: $(VENV)/.installed  ## Create .venv and install everything into it

$(VENV)/.installed: pyproject.toml requirements.txt $(MOVED)
	@echo "Creating $(VENV) and installing TensorFlow and the rest into it: a few minutes, the first time."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@# The CPU build of TensorFlow is the default; if there is an NVIDIA GPU, take the build that uses it.
	@if command -v nvidia-smi >/dev/null 2>&1; then \
		$(BIN)/pip uninstall --quiet --yes tensorflow-cpu && \
		$(BIN)/pip install --quiet 'tensorflow[and-cuda]==2.21.*'; fi
	@pwd -P >$@

moved:
	@echo "This folder was $(INSTALLED_IN) when $(VENV) was made. It is made again, for $(IS_HERE)."
	@rm -rf $(VENV)

# The table comes last, fitted to the terminal that the demo runs on.
demo: venv  ## Export alpha 0.5 at 160 and classify six of the bundled photos with it
	@mkdir -p build
	@echo "mobilenet-export --alpha 0.5 --res 160 --overwrite"
	@COLUMNS=$$(stty size <&2 2>/dev/null | cut -d' ' -f2) $(BIN)/mobilenet-export --alpha 0.5 --res 160 --overwrite >build/demo.txt
	@echo "mobilenet-classify $(notdir $(MODEL)), six of the bundled photos"
	@$(BIN)/mobilenet-classify $(MODEL) $(DEMO_PHOTOS)
	@echo
	@cat build/demo.txt
	@echo
	@echo "Next: source $(BIN)/activate    # puts the commands on the PATH"

test: venv venv-mediapipe  ## Run the tests
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-fast: venv  ## Run the tests that are not marked slow, in less than 2 minutes
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not slow"

venv-mediapipe: .venv-mediapipe/.installed  ## MediaPipe, for one test; it needs NumPy 2, so it has its own environment

.venv-mediapipe/.installed: Makefile
	$(PYTHON) -m venv .venv-mediapipe
	.venv-mediapipe/bin/pip install --quiet --disable-pip-version-check 'mediapipe==1.2.*'
	@touch $@

chromium:  ## Debian's Chromium, for the tests of the report; they are skipped without it
	@.ci/chromium

adbd-root:  ## Debian with adbd in build/, as a device for the adb tests; as root, else they are skipped
	tests/support/adbd_root.sh build/adbd-root

arm64-root: build/arm64-root  ## ARM64's Python and interpreters, for one test under qemu-aarch64-static; needs apt

build/arm64-root: experiments/arm64_root.sh | venv
	experiments/arm64_root.sh $@ $(BIN)/python

check: venv android-check  ## Lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

audit: venv .venv-audit/.installed  ## Look up published flaws of every package that is installed in .venv; needs pypi.org
	@mkdir -p build
	$(BIN)/pip freeze --exclude-editable --disable-pip-version-check >build/installed.txt
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip -r build/installed.txt

.venv-audit/.installed: Makefile
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip install --quiet --disable-pip-version-check 'pip-audit==2.*'
	@touch $@

apk:  ## Build the Android demo with the models of build/export/ in it; ABI=arm64-v8a for that processor alone
	@ls $(EXPORTS)/*/manifest.json >/dev/null 2>&1 || \
		{ echo "No export in $(EXPORTS): run make demo, or mobilenet-export, first." >&2; exit 2; }
	@$(MAVEN_STEPS) -Papk -Dmaven.test.skip=true -Dabi=$(ABI) -Dexports=$(abspath $(EXPORTS)) package
	@java -cp android_demo/target/tools Sizes $(APK)

android-test: $(VECTORS)/.made  ## Run the Android demo's tests, on the JVM
	@$(MAVEN) -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test

android-screenshots: $(VECTORS)/.made  ## Draw the screens of the Android demo, and record them for its tests to compare with
	@$(MAVEN) -Djvm.tests.skip=true -Dtest=ScreenshotTest -Dscreenshots.record=true test

# The app's engine is tested, not the accuracy of int8.
PLAIN := --correction none --min-agreement 0.5
# What the Kotlin tests compare with: Python's tensors, and the outputs of small exports: MobileNet V1, V2 and V3, an SSDLite.
$(VECTORS)/.made: mobilenet_tf/contract/preprocessing.py $(wildcard android_demo/tools/*.py) | venv
	$(BIN)/mobilenet-export --alpha 0.25 --res 96 --output-dir build/android/export --overwrite
	$(BIN)/mobilenet-export --arch mobilenet_v2 --alpha 1.0 --res 96 $(PLAIN) --output-dir build/android/export --overwrite
	$(BIN)/mobilenet-export --alpha 0.25 --res 96 --task embedding $(PLAIN) --output-dir build/android/export --overwrite
	$(BIN)/python -m android_demo.tools.spread_network build/android
	$(BIN)/mobilenet-export --weights build/android/v3.keras $(PLAIN) --output-dir build/android/export --overwrite
	$(BIN)/mobilenet-export --weights build/android/ssdlite.keras $(PLAIN) --output-dir build/android/export --overwrite
	$(BIN)/python -m android_demo.tools.vectors $(VECTORS) --exports build/android/export
	@touch $@

android-native: .venv-zig/.installed  ## Compile the app's few lines of C for Android's processors, after a change of them
	.venv-zig/bin/python -m android_demo.tools.native

.venv-zig/.installed: Makefile
	$(PYTHON) -m venv .venv-zig
	.venv-zig/bin/pip install --quiet --disable-pip-version-check 'ziglang==0.17.1'
	@touch $@

bench-android:  ## Preprocessing of camera frames in Kotlin beside a naive version, on this computer's JVM
	@$(MAVEN) test-compile
	@$(MAVEN) -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugins.antrun=info antrun:run@benchmark

android-check:  ## Lint the Android demo and look for calls that Android 7 lacks; part of make check
	@$(MAVEN_STEPS) -Pcheck process-classes
	cd android_demo && java -jar target/archives/ktlint-cli-all.jar --relative 'src/**/*.kt' '*.kts'
	cd android_demo && java -jar target/archives/detekt-cli-all.jar --input src --config detekt.yml --build-upon-default-config

include experiments/Makefile

wheel: venv  ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --outdir dist .

clean:  ## Remove what make made, the exports included
	rm -rf $(VENV) .venv-mediapipe .venv-audit .venv-zig android_demo/target build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache

// For Android Studio: the same sources as pom.xml builds, with LiteRT of Google's Maven. See docs/android.md.
pluginManagement {
    buildscript {
        repositories {
            google()
            mavenCentral()
        }
        dependencies {
            // The plugin's own is too old for the classes of this Kotlin.
            classpath("com.android.tools:r8:9.5.28")
        }
    }
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "mobilenet-demo"
